-- Pages of our own for what the router itself has to answer. Codes are Heroku's where Heroku has one.
local cjson = require("cjson.safe")
local tries = require("tries")

local failure = {}

local reasons = {
  H00 = { 404, "There is nothing here", "No app answers at this address. If it is yours, check its domains with mothership domains." },
  H10 = { 502, "The app is not answering", "It may have crashed or be starting. Its owner finds out more with mothership logs." },
  H12 = { 504, "The app took too long", "It did not begin to answer in time. Its owner finds out more with mothership logs." },
  H13 = { 502, "The app broke off", "It closed the connection without an answer. Its owner finds out more with mothership logs." },
  H14 = { 503, "The app is not running", "It has no running web process. Its owner can deploy it with mothership deploy, or start it with mothership ps:scale web=1." },
  H80 = { 503, "Down for maintenance", "The app will be back soon." },
  H99 = { 503, "The platform is not answering", "The controller is away for the moment; apps go on running. Try again shortly." },
}

local page
do
  local file = assert(io.open("/etc/router/error.html", "r"))
  page = file:read("*a")
  file:close()
end

-- From nginx's own verdict: what it could not do is told by how far it came with the last peer.
local function code_for(status, var)
  if status == 404 then return "H00" end
  if var.target == "mothership" or status == 500 then return "H99" end
  if not tries.last_connected(var) then return "H10" end
  return status == 504 and "H12" or "H13"
end

local function as_json(code, reason, var)
  return cjson.encode({ code = code, message = reason[2] .. ". " .. reason[3], request_id = var.trace_id })
end

local function as_html(code, reason, var)
  local facts = { status = reason[1], code = code, title = reason[2], message = reason[3], request = var.trace_id }
  return (page:gsub("{(%l+)}", facts))
end

function failure.show()
  local var = ngx.var
  local code = var.code ~= "" and var.code or code_for(ngx.status, var)
  local reason = reasons[code]
  var.code = code
  ngx.status = reason[1]
  local json = (var.http_accept or ""):find("application/json", 1, true)
  local body = json and as_json(code, reason, var) or as_html(code, reason, var)
  ngx.header["Content-Type"] = json and "application/json" or "text/html; charset=utf-8"
  ngx.header["Content-Length"] = #body
  ngx.header["Cache-Control"] = "no-store"
  ngx.print(body)
end

return failure
