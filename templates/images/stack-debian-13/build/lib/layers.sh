#!/bin/bash
# shellcheck disable=SC2154 # folders are the driver's

# A buildpack that knows about layers says "NAME KEY PATH" in the file $MOTHERSHIP_LAYERS: all that PATH of the app
# holds follows from KEY. It may leave PATH out when NAME and KEY are among the known ones.
set_layers_aside() {
  local name key path
  [[ -f $MOTHERSHIP_LAYERS ]] || return 0
  while read -r name key path; do
    # There in any case, so that what is left does not tell whether the layer was made.
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
