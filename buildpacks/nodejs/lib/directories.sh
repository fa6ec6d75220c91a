# shellcheck shell=bash disable=SC2034,SC2154
# Folders that stay from build to build: cacheDirectories of package.json, as Heroku has it
# (https://devcenter.heroku.com/articles/nodejs-support#custom-caching), and those of frameworks. Sets: directories.

# node_modules are kept in any case.
read_directories() {
  local path
  directories=()
  if [[ $(config_var NODE_MODULES_CACHE) == false ]]; then
    rm -rf "$cache_dir"/{installed,node_modules,directories}
    note 'Nothing is kept from the last build: NODE_MODULES_CACHE=false is set.'
    return 0
  fi
  while IFS= read -r path; do
    path=${path#./} path=${path%/}
    case /$path/ in
      // | /./ | /node_modules/) continue ;;
      //* | */../*) give_up "cacheDirectories in package.json: \"$path\" is not a folder of the app." ;;
    esac
    directories+=("$path")
  done < <({ jq -r '[.cacheDirectories, .cache_directories | arrays] | first // [] | .[] | strings' package.json; echo .next/cache; } | sort -u)
}

# restore_directories PATTERN: those that match and that the app did not bring itself.
restore_directories() {
  local path
  if [[ $(cat "$cache_dir/directories/.made-with" 2> /dev/null) != "$runtime_key ${STACK:-}" ]]; then rm -rf "$cache_dir/directories"; fi
  for path in "${directories[@]}"; do
    # shellcheck disable=SC2053 # it is a pattern
    if [[ $path != $1 || -e $path || ! -e $cache_dir/directories/$path ]]; then continue; fi
    note "From the last build: $path"
    mkdir -p "$(dirname "$path")"
    cp -a "$cache_dir/directories/$path" "$path"
  done
}

save_directories() {
  local path
  rm -rf "$cache_dir/directories"
  mkdir -p "$cache_dir/directories"
  for path in "${directories[@]}"; do
    if [[ ! -e $path ]]; then continue; fi
    if [[ $(du -sm "$path" | cut -f 1) -gt 1024 ]]; then note "Not kept for the next build, with more than 1 GB: $path"; continue; fi
    note "Kept for the next build: $path"
    mkdir -p "$cache_dir/directories/$(dirname "$path")"
    cp -a "$path" "$cache_dir/directories/$path"
  done
  echo "$runtime_key ${STACK:-}" > "$cache_dir/directories/.made-with"
}
