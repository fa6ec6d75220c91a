# shellcheck shell=bash
export PATH="$HOME/.heroku/bun/bin:$PATH:$HOME/node_modules/.bin"
export NODE_ENV="${NODE_ENV:-production}"
