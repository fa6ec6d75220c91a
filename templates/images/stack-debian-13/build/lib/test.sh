#!/bin/bash
# shellcheck disable=SC2154 # folders are the driver's

# Runs the app's tests where the app would run, /app, with its config vars and .profile.d: bin/test of the last buildpack
# that has one, or the command in /build/in/test. Their exit code is a result, not a failure of the build.
run_tests() {
  local command code=0
  command=$(cat "$in/test")
  [[ -n $command ]] || command=$(own_tests) || give_up "no-tests $(name_of "${chosen[-1]}")"
  cp -a "$build_dir/." /app/
  echo '-----> Running tests'
  (
    cd /app || exit 1
    # Given to env, since bash keeps some names for itself, such as UID.
    read_config
    exec env "${config[@]}" CI=true /mothership/launch "$command"
  ) || code=$?
  echo "$code" > "$out/test"
}

own_tests() {
  local folder found=
  for folder in "${chosen[@]}"; do
    if [[ -f $folder/bin/test ]]; then found=$folder/bin/test; fi
  done
  [[ -n $found ]] && printf 'exec %q /app %q' "$found" "$env_dir"
}

# Sets config to NAME=VALUE of each config var. Byte for byte: `$(…)` would take the newlines at the end away.
read_config() {
  local file value
  config=()
  for file in "$env_dir"/*; do
    [[ -f $file ]] || continue
    value=$(cat "$file"; printf x)
    config+=("$(basename "$file")=${value%x}")
  done
}
