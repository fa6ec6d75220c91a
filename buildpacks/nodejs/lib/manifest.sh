# shellcheck shell=bash disable=SC2034,SC2154
# What package.json and the lock file say. Sets: manager, lock_file, other_lock (of another manager), scripts,
# runs_scripts, local_dependencies (nothing is kept of an install), prebuilt (node_modules are checked in, and used).

read_manifest() {
  json_object package.json
  choose_manager
  mapfile -t scripts < <(jq -r '.scripts // {} | to_entries[] | select(.value | type == "string") | .key' package.json)
  runs_scripts=false
  local name
  for name in preinstall install postinstall preprepare prepare postprepare heroku-prebuild build heroku-postbuild heroku-cleanup; do
    if has_script "$name"; then runs_scripts=true; fi
  done
  local_dependencies=$(jq '(.workspaces // null) != null or ([.dependencies, .devDependencies, .optionalDependencies | .[]?
    | strings | select(test("^(file|link|portal|workspace):|^[.~]?/"))] | length > 0)' package.json)
  if [[ -f pnpm-workspace.yaml ]] && grep -q '^packages:' pnpm-workspace.yaml; then local_dependencies=true; fi
  prebuilt=false
  if [[ -e node_modules && $manager == npm ]]; then prebuilt=true local_dependencies=true; fi
}

field() {
  jq -r "$1 // \"\"" package.json
}

has_script() {
  local name
  for name in "${scripts[@]}"; do
    if [[ $name == "$1" ]]; then return 0; fi
  done
  return 1
}

# The field packageManager decides; without it, the lock file.
choose_manager() {
  local said found=()
  said=$(field .packageManager)
  if [[ -f package-lock.json ]]; then found+=(npm package-lock.json)
  elif [[ -f npm-shrinkwrap.json ]]; then found+=(npm npm-shrinkwrap.json); fi
  if [[ -f yarn.lock ]]; then found+=(yarn yarn.lock); fi
  if [[ -f pnpm-lock.yaml ]]; then found+=(pnpm pnpm-lock.yaml); fi
  manager=${said%%@*} lock_file='' other_lock=''
  [[ $manager =~ ^(npm|yarn|pnpm)?$ ]] || give_up "packageManager in package.json names \"$manager\"; npm, yarn and pnpm are supported."
  if [[ -z $manager ]]; then
    [[ ${#found[@]} -le 2 ]] || give_up 'There are lock files of several package managers: delete all but one, or say packageManager in package.json.'
    manager=${found[0]:-npm}
  fi
  local i
  for ((i = 0; i < ${#found[@]}; i += 2)); do
    if [[ ${found[i]} == "$manager" ]]; then lock_file=${found[i + 1]}; else other_lock=${found[i + 1]}; fi
  done
}
