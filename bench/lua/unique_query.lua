-- Each request has a query that no other request has, so its response is built for it.
-- The request is formatted once, because wrk shares the cores with the server.

local number = 0
local before, after

function init(arguments)
  before, after = wrk.format("GET", wrk.path .. "?unique=NUMBER"):match("^(.*)NUMBER(.*)$")
end

function request()
  number = number + 1
  return before .. number .. after
end
