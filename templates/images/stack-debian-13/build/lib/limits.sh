#!/bin/bash
# shellcheck disable=SC2154 # the driver sets the folders

# Starts no process: the limit may not allow another one.
count_limits() {
  count oom_kill "$out/oom" /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory.events
  count max "$out/pids" /sys/fs/cgroup/pids/pids.events /sys/fs/cgroup/pids.events
}

# count NAME TO FROM...: writes the value of NAME in the files FROM to TO.
count() {
  local name=$1 to=$2 file key value
  for file in "${@:3}"; do
    [[ -r $file ]] || continue
    while read -r key value; do
      if [[ $key == "$name" ]]; then echo "$value" > "$to"; fi
    done < "$file"
  done
}
