-- The table as text: in memory shared by the workers, and on disk for the next start.
local cjson = require("cjson.safe")
local settings = require("settings")

local dict = ngx.shared.routes
local store = {}

local function version_of(text)
  local decoded = cjson.decode(text)
  if type(decoded) ~= "table" or type(decoded.version) ~= "number" or type(decoded.routes) ~= "table" then return nil end
  return decoded.version
end

-- The text is written first, so that it is there for every version that is seen.
local function share(text)
  local version = version_of(text)
  if not version then return nil, "not a route table" end
  local ok, err = dict:safe_set("text", text)
  if not ok then return nil, err end
  dict:set("version", version)
  return version
end

local function write(text)
  local draft = settings.table_file .. "." .. ngx.worker.pid()
  local file, err = io.open(draft, "w")
  if not file then return nil, err end
  local written
  written, err = file:write(text)
  file:close()
  if not written then return nil, err end
  return os.rename(draft, settings.table_file)
end

-- Stores a table from the controller. It is served even if the disk cannot be written.
function store.put(text)
  local version, err = share(text)
  if not version then return nil, err end
  local ok, reason = write(text)
  if not ok then ngx.log(ngx.ERR, "the route table was not saved: ", reason) end
  return version
end

function store.load()
  local file = io.open(settings.table_file, "r")
  if not file then return end
  local text = file:read("*a")
  file:close()
  local version, err = share(text)
  if not version then ngx.log(ngx.ERR, "the saved route table is of no use: ", err) end
end

function store.version()
  return dict:get("version") or 0
end

function store.text()
  return dict:get("text")
end

return store
