# shellcheck shell=bash disable=SC2155
export PATH="$HOME/.heroku/php/bin:$HOME/.heroku/php/usr/bin:$PATH:$HOME/vendor/bin"
export LD_LIBRARY_PATH="$HOME/.heroku/php/usr/lib/$(uname -m)-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export PHPRC="$HOME/.heroku/php/php.ini"
