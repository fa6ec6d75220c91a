# shellcheck shell=bash disable=SC2034,SC2154
# A runtime that is a single program in an npm package. Kept in $kept. Sets: runtime_version, runtime_key.

# choose_npm_runtime NAME PACKAGE RANGE: keeps the chosen version for a week, so that builds do not need the registry.
choose_npm_runtime() {
  local file=$kept/choice stored='' code=0
  runtime_package=$2
  mkdir -p "$kept"
  if [[ -f $file ]]; then stored=$(head -n 1 "$file"); fi
  if [[ $stored != "$2 $3" || -n $(find "$file" -mtime +7) ]]; then
    runtime_version=$(choose_version "The app's version of $1" "$2" "${3:-*}") || code=$?
    if [[ $code -eq 0 ]]; then printf '%s\n%s\n' "$2 $3" "$runtime_version" > "$file"
    elif [[ $code -eq $no_such_version ]]; then exit 1
    elif [[ $stored != "$2 $3" ]]; then give_up "$no_registry"
    fi
  fi
  runtime_version=$(sed -n 2p "$file")
  runtime_key=$1-$runtime_version
}

# provide_npm_runtime NAME PROGRAM: puts PROGRAM of the package into $kept/runtime/bin.
provide_npm_runtime() {
  if [[ $(cat "$kept/runtime/.key" 2> /dev/null) != "$runtime_key" ]]; then
    header "Installing $1"
    rm -rf "$kept/runtime" "$kept/unpacked"
    fetch_package "$runtime_package" "$runtime_version" "$kept/unpacked" || give_up "Could not download $1 $runtime_version from $registry: try again."
    mkdir -p "$kept/runtime/bin"
    mv "$kept/unpacked/$2" "$kept/runtime/bin/$1"
    chmod +x "$kept/runtime/bin/$1"
    rm -rf "$kept/unpacked"
    echo "$runtime_key" > "$kept/runtime/.key"
  fi
  # shellcheck source=/dev/null
  source "$here/lib/profile.sh"
}
