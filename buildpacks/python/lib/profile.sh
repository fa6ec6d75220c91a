# shellcheck shell=bash disable=SC2155
export PATH="$HOME/.heroku/venv/bin:$HOME/.heroku/python/usr/bin:$PATH"
export LD_LIBRARY_PATH="$HOME/.heroku/python/usr/lib/$(uname -m)-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export PYTHONPATH="${PYTHONPATH-$HOME}"
export PYTHONUNBUFFERED="${PYTHONUNBUFFERED-1}"
