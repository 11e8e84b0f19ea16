-- Sends requests that were rendered beforehand, drawn by given shares; prints what wrk measured as one line of JSON.
-- Arguments: the file of requests (separated by NUL), the file of cumulative shares (one a line), a seed.
-- "@key@" in a request becomes a key that no other request of the run has.

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function init(args)
  math.randomseed(tonumber(args[3]) * 1000 + number)
  prefix = string.format("bench-%s-%d-", args[3], number)
  sent = 0
  heads, tails, sums = {}, {}, {}
  for request in read(args[1]):gmatch("([^%z]+)") do
    local first, last = request:find("@key@", 1, true)
    heads[#heads + 1] = first and request:sub(1, first - 1) or request
    tails[#heads] = first and request:sub(last + 1) or false
  end
  for line in read(args[2]):gmatch("[^\n]+") do
    sums[#sums + 1] = tonumber(line)
  end
  assert(#heads == #sums, "requests and shares differ in number")
end

local function draw()
  local wanted, low, high = math.random() * sums[#sums], 1, #sums
  while low < high do
    local middle = math.floor((low + high) / 2)
    if sums[middle] < wanted then low = middle + 1 else high = middle end
  end
  return low
end

function request()
  local index = draw()
  local tail = tails[index]
  if not tail then return heads[index] end
  sent = sent + 1
  return heads[index] .. prefix .. sent .. tail
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "refused": %d, "connect": %d, "read": %d, "write": %d, "timeout": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
