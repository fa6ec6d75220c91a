# shellcheck shell=bash disable=SC2034,SC2154
# The package managers: how each installs, prunes, and which version of it to take.

lock_version() {
  case $lock_file in
    pnpm-lock.yaml) sed -nE "s/^lockfileVersion: *['\"]?([0-9]+).*/\1/p" pnpm-lock.yaml | head -n 1 ;;
    # Only Yarn 2 and later write one.
    yarn.lock) sed -nE '/^__metadata:/,/^$/s/^ +version: *([0-9]+).*/\1/p' yarn.lock | head -n 1 ;;
  esac
}

# The Yarn that writes such a lock file.
yarn_range() {
  case $(lock_version) in
    '') if [[ -f .yarnrc.yml ]]; then echo 4; else echo 1; fi ;;
    [4-7]) echo 3 ;;
    *) echo 4 ;;
  esac
}

resolve_manager() {
  local said range where="engines.$manager in package.json"
  said=$(field .packageManager)
  range=$(field ".engines.$manager")
  if [[ $said == "$manager"@* ]]; then range=$(exact_version "$said") where='packageManager in package.json'; fi
  manager_package=$manager
  case $manager in
    yarn)
      if [[ -z $range ]]; then range=$(yarn_range); fi
      if [[ ! $range =~ ^[~^=v]*1(\.|$) && $range != latest ]]; then manager_package=@yarnpkg/cli-dist; fi
      ;;
    pnpm)
      if [[ -z $range ]]; then
        case $(lock_version) in 5) range=7 ;; 6) range=8 ;; *) range=10 ;; esac
      fi
      ;;
  esac
  manager_version=$(choose_version "$where" "$manager_package" "$range")
}

pnpm_program() {
  local program=bin/$1.cjs
  if [[ ! -f $runtime_dir/lib/node_modules/pnpm/$program && ${manager_version%%.*} -ge 11 ]]; then program=bin/$1.mjs; fi
  echo "$program"
}

# What each manager downloads is kept; none may bring another version of itself.
manager_settings() {
  case $manager in
    npm) export npm_config_cache=$cache_dir/npm ;;
    yarn) yarn_environment ;;
    pnpm) export npm_config_store_dir=$cache_dir/pnpm npm_config_manage_package_manager_versions=false ;;
  esac
}

# With development dependencies only when a script of the app may need them. Without a lock file none is demanded.
install_with_manager() {
  case $manager in
    npm)
      local verb=ci omit=(--omit=dev)
      if [[ -z $lock_file || ${USE_NPM_INSTALL:-} == true ]] || $prebuilt; then verb=install; fi
      if $development; then omit=(--include=dev); fi
      if $prebuilt; then run_installer npm rebuild; fi
      run_installer npm "$verb" "${omit[@]}" --prefer-offline --no-audit --no-fund
      ;;
    yarn)
      if berry; then install_with_berry; return; fi
      run_installer yarn install ${lock_file:+--frozen-lockfile} --prefer-offline --non-interactive --production="$($development && echo false || echo true)"
      ;;
    pnpm)
      run_installer pnpm install "--$([[ -n $lock_file ]] || echo no-)frozen-lockfile" --prefer-offline --prod="$($development && echo false || echo true)"
      ;;
  esac
}

prune_with_manager() {
  case $manager in
    npm) run_installer npm prune --omit=dev --ignore-scripts --no-audit --no-fund ;;
    yarn)
      if berry; then prune_with_berry; return; fi
      run_installer yarn install --frozen-lockfile --offline --non-interactive --production=true --ignore-scripts --ignore-engines
      ;;
    pnpm) run_installer pnpm prune --prod --ignore-scripts ;;
  esac
}

run_installer() {
  note "$*"
  attempt explain_install "$@"
}

# Managers note when they ran: without that, an install of the same is the same to the byte.
forget_when() {
  local pnpm_state=(node_modules/.pnpm-workspace-state*.json)
  rm -f .yarn/install-state.gz
  rmdir .yarn 2> /dev/null || true
  if [[ -f node_modules/.modules.yaml ]]; then sed -i '/^ *"\{0,1\}prunedAt"\{0,1\}:/d' node_modules/.modules.yaml; fi
  # Later than any file of the app: its own manager has nothing to look over when the app starts.
  if [[ -f ${pnpm_state[0]} ]]; then sed -i 's/\("lastValidatedTimestamp": *\)[0-9]*/\14102444800000/' "${pnpm_state[@]}"; fi
}
