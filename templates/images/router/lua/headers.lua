-- Whether the names of a request's headers are tokens (RFC 9110, section 5.1). nginx passes any name on, and an app may
-- read more into an odd one than is there. Bytes are compared where they are: a table of all headers would cost more
-- than the rest of the request's Lua.
local base = require("resty.core.base")
local ffi = require("ffi")
require("resty.core.request") -- declares the two functions of nginx

local C, get_request = ffi.C, base.get_request

local TOKEN = ffi.new("uint8_t[256]")
for byte in ("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"):gmatch(".") do
  TOKEN[byte:byte()] = 1
end

local headers = {}
local truncated = ffi.new("int[1]")
local room = 64
local list = ffi.new("ngx_http_lua_ffi_table_elt_t[?]", room)

local function is_token(name)
  if name.len == 0 then return false end
  for i = 0, name.len - 1 do
    if TOKEN[name.data[i]] == 0 then return false end
  end
  return true
end

function headers.are_sound()
  local request = get_request()
  local count = C.ngx_http_lua_ffi_req_get_headers_count(request, 0, truncated)
  if count > room then
    room, list = count, ffi.new("ngx_http_lua_ffi_table_elt_t[?]", count)
  end
  C.ngx_http_lua_ffi_req_get_headers(request, list, count, 1)
  for i = 0, count - 1 do
    if not is_token(list[i].key) then return false end
  end
  return true
end

return headers
