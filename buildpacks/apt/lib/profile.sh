# shellcheck shell=bash disable=SC2155
__lib="$HOME/.apt/usr/lib/$(uname -m)-linux-gnu:$HOME/.apt/usr/lib:$HOME/.apt/lib/$(uname -m)-linux-gnu:$HOME/.apt/lib"
__include="$HOME/.apt/usr/include:$HOME/.apt/usr/include/$(uname -m)-linux-gnu"
export PATH="$HOME/.apt/usr/bin:$HOME/.apt/usr/sbin:$PATH"
export LD_LIBRARY_PATH="$__lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" LIBRARY_PATH="$__lib${LIBRARY_PATH:+:$LIBRARY_PATH}"
export INCLUDE_PATH="$__include${INCLUDE_PATH:+:$INCLUDE_PATH}" CPATH="$__include${CPATH:+:$CPATH}" CPPPATH="$__include${CPPPATH:+:$CPPPATH}"
export PKG_CONFIG_PATH="$HOME/.apt/usr/lib/$(uname -m)-linux-gnu/pkgconfig:$HOME/.apt/usr/lib/pkgconfig:$HOME/.apt/usr/share/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
unset __lib __include
