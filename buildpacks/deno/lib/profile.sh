# shellcheck shell=bash
export PATH="$HOME/.heroku/deno/bin:$PATH"
export DENO_DIR="$HOME/.heroku/deno-modules" DENO_NO_UPDATE_CHECK=1
