# shellcheck shell=bash disable=SC2034,SC2154
export PATH="$HOME/.heroku/node/bin:$PATH:$HOME/node_modules/.bin"
export NODE_ENV="${NODE_ENV:-production}"
