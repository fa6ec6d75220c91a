-- Error pages of the router itself. Codes are Heroku's where Heroku has one.
local cjson = require("cjson.safe")
local routes = require("routes")
local tries = require("tries")

local failure = {}

-- proxy_buffer_size of proxy.conf, in bytes.
local LONGEST_HEADER = 96 * 1024

local reasons = {
  H00 = { 404, "There is nothing here", "No app answers at this address. If it is yours, check its domains with mothership domains." },
  H10 = { 502, "The app is not answering", "It may have crashed or be starting. Its owner finds out more with mothership logs." },
  H12 = { 504, "The app took too long", "It did not begin to answer in time. Its owner finds out more with mothership logs." },
  H13 = { 502, "The app broke off", "It closed the connection without an answer. Its owner finds out more with mothership logs." },
  H14 = { 503, "The app is not running", "It has no running web process. Its owner can deploy it with mothership deploy, or start it with mothership ps:scale web=1." },
  H17 = { 502, "The app's response is not valid HTTP", "Its headers are incomplete or invalid. Its owner finds out more with mothership logs." },
  H25 = { 502, "The app's response headers are too large", "They may have up to " .. LONGEST_HEADER / 1024 .. " KB in total. Cookies are often the cause." },
  H26 = { 400, "The request is not valid", "The name of a request header has characters that HTTP does not allow there." },
  H30 = { 502, "The app sent an interim response", "Responses such as 103 Early Hints and 102 Processing are not supported. Its owner can turn them off in the app." },
  H80 = { 503, "Down for maintenance", "The app will be back soon." },
  H99 = { 503, "The platform is not answering", "The controller is away for the moment; apps go on running. Try again shortly." },
}

-- What nginx refuses before there is an app, by its status.
local refusals = {
  [400] = { 400, "The request is not valid", "Its address or one of its headers is not valid HTTP. In an address, % is written as %25." },
  [405] = { 405, "The method is not allowed", "The methods CONNECT and TRACE are not supported." },
  [414] = { 414, "The address is too long", "It may have up to 32 KB." },
  [431] = { 431, "The request headers are too large", "One may have up to 32 KB, and all together up to 128 KB. Cookies are often the cause." },
  [501] = { 501, "The request is not valid", "The only transfer encoding that is supported is chunked." },
  [505] = { 505, "The request is not valid", "This version of HTTP is not supported." },
}

-- H14 of an app whose Procfile has no web process.
local NO_WEB = { 503, "The app has no web process", "It runs in the background only. Its owner can add a line such as web: node server.js to the Procfile and deploy." }

local page
do
  local file = assert(io.open("/etc/router/error.html", "r"))
  page = file:read("*a")
  file:close()
end

-- Of the last peer.
local function bytes_received(var)
  return tonumber((var.upstream_bytes_received or ""):match("(%d+)$")) or 0
end

-- From nginx's status; how far it got with the last peer tells what failed.
local function code_for(status, var)
  if status == 404 then return "H00" end
  if var.target == "mothership" or status == 500 then return "H99" end
  if not tries.last_connected(var) then return "H10" end
  if status == 504 then return "H12" end
  local bytes = bytes_received(var)
  if bytes == 0 then return "H13" end
  return bytes < LONGEST_HEADER and "H17" or "H25"
end

local function as_json(code, reason, var)
  return cjson.encode({ code = code, message = reason[2] .. ". " .. reason[3], request_id = var.trace_id })
end

local function as_html(code, reason, var)
  local facts = { status = reason[1], code = code, title = reason[2], message = reason[3], request = var.trace_id }
  return (page:gsub("{(%l+)}", facts))
end

local function answer(code, reason, var)
  var.code = code
  ngx.status = reason[1]
  local json = (var.http_accept or ""):find("application/json", 1, true)
  local body = json and as_json(code, reason, var) or as_html(code, reason, var)
  ngx.header["Content-Type"] = json and "application/json" or "text/html; charset=utf-8"
  ngx.header["Content-Length"] = #body
  ngx.header["Cache-Control"] = "no-store"
  ngx.print(body)
end

function failure.show()
  local var = ngx.var
  local code = var.code ~= "" and var.code or code_for(ngx.status, var)
  local route = code == "H14" and routes.find(var)
  answer(code, route and route.webless and NO_WEB or reasons[code], var)
end

-- For what nginx refuses. It has set the path once it has read it, and the host if it came so far.
function failure.refuse()
  local var = ngx.var
  if (var.request_uri or "") == "" then var.path = (var.request or ""):match("^%S+ (%S+)") or "" end
  local route = routes.find(var)
  if route then var.target = route.app end
  answer("H26", refusals[ngx.status] or refusals[400], var)
end

return failure
