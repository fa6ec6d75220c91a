#!/bin/bash
# shellcheck disable=SC2154 # folders are the driver's

# Told without starting a process, for which there may be no room.
count_limits() {
  count oom_kill "$out/oom" /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory.events
  count max "$out/pids" /sys/fs/cgroup/pids/pids.events /sys/fs/cgroup/pids.events
}

# count NAME TO FROM...: writes the number that FROM gives for NAME.
count() {
  local name=$1 to=$2 file key value
  for file in "${@:3}"; do
    [[ -r $file ]] || continue
    while read -r key value; do
      if [[ $key == "$name" ]]; then echo "$value" > "$to"; fi
    done < "$file"
  done
}
