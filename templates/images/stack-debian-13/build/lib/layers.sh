#!/bin/bash
# shellcheck disable=SC2154 # the driver sets the folders

# A buildpack that supports layers writes "NAME KEY PATH" to the file $MOTHERSHIP_LAYERS: KEY determines everything in the
# app's PATH. It may skip creating PATH if NAME and KEY are known.
set_layers_aside() {
  local name key path
  [[ -f $MOTHERSHIP_LAYERS ]] || return 0
  while read -r name key path; do
    # Created in any case, so that the result is the same whether or not the layer was skipped.
    mkdir -p "$build_dir/$(dirname "$path")"
    if [[ -e $build_dir/$path ]]; then
      mkdir -p "$root/layer-$name/app/$(dirname "$path")"
      mv "$build_dir/$path" "$root/layer-$name/app/$path"
      echo "$name $key made" >> "$out/layers"
    elif grep -qxF "$name $key" "$MOTHERSHIP_KNOWN_LAYERS"; then
      echo "$name $key known" >> "$out/layers"
    fi
  done < "$MOTHERSHIP_LAYERS"
}
