-- Calls visit(seq, record) for each listed broad record; "<seq>:<kind>:<length>:<text>" back to back.
local function each_broad(list, visit)
  local at = 1
  while at <= #list do
    local _, stop, seq, length = string.find(list, '^(%d+):%a+:(%d+):', at)
    local last = stop + length
    visit(tonumber(seq), string.sub(list, at, last))
    at = last + 1
  end
end

local function broads_above(list, stamp)
  if list == '' then return '' end
  local above = {}
  each_broad(list, function(seq, record)
    if seq > stamp then above[#above + 1] = record end
  end)
  return table.concat(above)
end
