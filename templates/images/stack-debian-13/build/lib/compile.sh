#!/bin/bash
# shellcheck disable=SC2154 # the driver sets the folders

# `export` scripts of earlier buildpacks, which later ones source.
exports=()

# In order, because a later one may detect what an earlier one created.
run_buildpacks() {
  local folder
  if [[ ${#chosen[@]} -eq 0 ]]; then
    detect_own
    compile "${chosen[0]}"
    return
  fi
  for folder in "${chosen[@]}"; do
    detect "$folder"
    compile "$folder"
  done
}

# The first of the stack's own that detects the app.
detect_own() {
  local name label folder=$root/buildpacks/0
  while read -r name; do
    if label=$("$own/$name/bin/detect" "$build_dir" 2> /dev/null); then
      echo "-----> $label app detected"
      mkdir -p "$folder"
      bring_own "$name"
      chosen=("$folder")
      return
    fi
  done < "$own/order"
  give_up nothing-detected
}

detect() {
  local name label
  name=$(name_of "$1")
  label=$("$1/bin/detect" "$build_dir") || give_up "refused ${name% *}"
  echo "-----> $label app detected by ${name% *}"
}

compile() {
  local folder=$1 code=0 script step=compile
  [[ -e $in/test && -f $folder/bin/test-compile ]] && step=test-compile
  (
    cd "$build_dir" || exit 1
    source_exports
    exec "$folder/bin/$step" "$build_dir" "$cache_dir" "$env_dir"
  ) || code=$?
  [[ $code -eq 0 ]] || give_up "$step $code $(name_of "$folder")"
  [[ -f $folder/export ]] && exports+=("$folder/export")
  name_of "$folder" >> "$out/buildpacks"
}

source_exports() {
  local script
  for script in "${exports[@]}"; do
    # shellcheck disable=SC1090
    source "$script"
  done
}

# Only the last buildpack's.
release() {
  local folder=$1
  if [[ -f $folder/bin/release ]]; then
    (source_exports; exec "$folder/bin/release" "$build_dir") > "$out/release.yml" || give_up "release $? $(name_of "$folder")"
  fi
  [[ -f $build_dir/Procfile ]] && cp "$build_dir/Procfile" "$out/Procfile"
  return 0
}
