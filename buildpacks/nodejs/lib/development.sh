# shellcheck shell=bash disable=SC2034,SC2154
# Development dependencies. Sets: development (they are installed), prunes (taken out after the app's scripts), and
# stays, why they are not taken out.

# By the config vars that Heroku documents: https://devcenter.heroku.com/articles/nodejs-support#skip-pruning
choose_development() {
  development=$runs_scripts prunes=false stays=$(why_they_stay)
  if [[ -n $stays ]]; then
    development=true
    # With these two, they are not installed to begin with.
    if [[ $stays == *_PRODUCTION=true ]]; then development=false; fi
  elif $runs_scripts && jq -e '(.devDependencies // {}) | length > 0' package.json > /dev/null; then
    prunes=true
  fi
}

why_they_stay() {
  local name value
  value=$(config_var NODE_ENV)
  if [[ ${value:-production} != production ]]; then echo "NODE_ENV=$value"; return 0; fi
  case $manager_package in
    yarn) name=YARN_PRODUCTION ;;
    @yarnpkg/cli-dist) name=YARN2_SKIP_PRUNING ;;
    pnpm) name=PNPM_SKIP_PRUNING ;;
    *) name=NPM_CONFIG_PRODUCTION ;;
  esac
  value=$(config_var "$name")
  if [[ $value == true || ($name == *_PRODUCTION && -n $value) ]]; then echo "$name=$value"; fi
}

prune() {
  if $prunes; then
    header 'Taking development dependencies out'
    prune_with_manager
  elif [[ -n $stays ]]; then
    note "Development dependencies are not taken out: $stays is set."
  fi
}
