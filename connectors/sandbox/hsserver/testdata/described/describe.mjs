// Puts HubSpot's own API descriptions, one file for each part of the API, into one: only
// the calls that Merit makes. Names of shapes get their file's name before them.
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

// What Merit calls, with the version that it is called in.
export const calls = [
  'GET /crm/objects/2026-09/{objectType}', 'POST /crm/objects/2026-09/{objectType}/batch/read', 'POST /crm/objects/2026-09/{objectType}/search',
  'POST /crm/associations/2026-09/{fromObjectType}/{toObjectType}/batch/read',
  'GET /crm/pipelines/2026-09/{objectType}', 'GET /crm/pipelines/2026-09/{objectType}/{pipelineId}/audit',
  'GET /crm/properties/2026-09/{objectType}', 'GET /crm/owners/2026-09', 'POST /deal-splits/2026-09/batch/read',
  'GET /forecast-settings/2026-09/forecast-types', 'GET /forecast-submissions/2026-09-beta/events',
  'GET /account-info/2026-09/details', 'GET /account-info/2026-09/api-usage/daily/private-apps',
  'GET /account-info/2026-09/activity/audit-logs', 'GET /account-info/2026-09/activity/login',
  'GET /settings/teams/2026-09-beta', 'GET /settings/teams/2026-09-beta/{teamId}/members', 'GET /settings/users/2026-03/teams',
  'GET /settings/currencies/2026-09/exchange-rates',
]

// files are all descriptions under a folder: a clone's work tree, or a bare repository.
function files(folder) {
  try {
    const list = execFileSync('git', ['-C', folder, 'ls-tree', '-r', '-z', '--name-only', 'HEAD'], { maxBuffer: 1 << 28 }).toString().split('\0')
    const read = (name) => execFileSync('git', ['-C', folder, 'show', `HEAD:${name}`], { maxBuffer: 1 << 28 })
    return list.map((name) => ({ name, text: () => read(name) }))
  } catch {
    const walk = (at) => readdirSync(at).flatMap((name) => (statSync(path.join(at, name)).isDirectory() ? walk(path.join(at, name)) : [path.join(at, name)]))
    return walk(folder).map((name) => ({ name, text: () => readFileSync(name) }))
  }
}

export function describe(folder) {
  const whole = { openapi: '3.0.1', info: { title: 'HubSpot', version: '2026-09' }, paths: {}, components: {} }
  const missing = new Set(calls)
  const wanted = files(folder).filter(({ name }) => /\/(2026-09|2026-09-beta|2026-03)\/[A-Za-z0-9]+\.json$/.test(name))
  // The general description of objects is the one that is right for all of them.
  wanted.sort((a, b) => Number(b.name.includes('/Objects/')) - Number(a.name.includes('/Objects/')))
  for (const { name, text } of wanted) {
    const part = path.basename(path.dirname(path.dirname(path.dirname(path.dirname(name))))).replace(/[^A-Za-z0-9]/g, '') + path.basename(path.dirname(name)).replace(/-/g, '')
    let used = false
    const file = JSON.parse(text().toString().replaceAll('"#/components/schemas/', `"#/components/schemas/${part}`).replaceAll('"#/components/responses/', `"#/components/responses/${part}`)
      .replaceAll('"*/*":', '"application/json":')) // Prism makes up no reply of every kind
    for (const [at, operations] of Object.entries(file.paths ?? {})) {
      for (const [method, operation] of Object.entries(operations)) {
        const call = `${method.toUpperCase()} ${at}`
        if (!missing.delete(call)) continue
        used = true
        delete operation.security // which scopes are needed is the sandbox's to say
        ;(whole.paths[at] ??= {})[method] = operation
      }
    }
    if (!used) continue
    for (const kind of ['schemas', 'responses']) {
      for (const [shape, what] of Object.entries(file.components?.[kind] ?? {})) ((whole.components[kind] ??= {})[part + shape] = what)
    }
  }
  if (missing.size > 0) throw new Error(`nobody describes ${[...missing].join(', ')}`)
  return whole
}
