// jsforce reads a sandbox that this starts, with its own sign-in, describe, paging and
// CSV parser, by REST and by Bulk API 2.0, and what it reads is held against the
// sandbox's own count and one API against the other.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import jsforce from 'jsforce'

const version = '67.0'
const [merit] = process.argv.slice(2)
const port = 18642

async function until(served) {
  let said = ''
  for await (const part of served.stdout) {
    said += part
    if (said.includes('Ctrl-C')) return
  }
  throw new Error(`the sandbox did not start: ${said}`)
}

const checked = (what, n, wanted) => { assert.equal(n, wanted, what); console.log(`${what}: ${n}`) }

async function byREST(org, soql) {
  const rows = []
  let page = await org.query(soql, { scanAll: true, headers: { 'Sforce-Query-Options': 'batchSize=200' } })
  for (;;) {
    rows.push(...page.records)
    if (page.done) return rows
    page = await org.queryMore(page.nextRecordsUrl)
  }
}

async function byBulk(org, soql) {
  const stream = await org.bulk2.query(soql, { scanAll: true, pollInterval: 50, pollTimeout: 30_000 })
  return stream.toArray()
}

// plain is a value as both APIs agree on it: Bulk has only texts.
function plain(value, type) {
  if (value === null || value === undefined || value === '') return ''
  if (type === 'datetime') return new Date(value).toISOString()
  if (['double', 'currency', 'percent', 'int'].includes(type)) return String(Number(value))
  if (type === 'anyType' && Number.isFinite(Number(value))) return String(Number(value)) // REST has 142200.0 as a number
  return String(value)
}

async function read(endpoint) {
  const truth = (await (await fetch(`${endpoint}/sandbox/truth`)).json()).salesforce
  const org = new jsforce.Connection({
    version,
    oauth2: { clientId: 'sandbox-client', clientSecret: 'sandbox-secret', loginUrl: endpoint },
  })
  await org.authorize({ grant_type: 'client_credentials' })
  assert.equal(org.instanceUrl, endpoint)

  for (const object of Object.keys(truth).sort()) {
    const { fields } = await org.sobject(object).describe()
    const types = Object.fromEntries(fields.filter((f) => f.type !== 'address').map((f) => [f.name, f.type]))
    const soql = `SELECT ${Object.keys(types).join(', ')} FROM ${object}`
    const rest = await byREST(org, soql)
    checked(`${object} by REST`, rest.length, truth[object])
    const bulk = await byBulk(org, soql)
    checked(`${object} by Bulk`, bulk.length, truth[object])
    const byID = new Map(bulk.map((row) => [row.Id, row]))
    checked(`${object}, different ids`, byID.size, truth[object])
    for (const row of rest) {
      for (const [name, type] of Object.entries(types)) {
        assert.equal(plain(byID.get(row.Id)[name], type), plain(row[name], type), `${object}.${name} of ${row.Id}`)
      }
    }
  }
  await assert.rejects(org.query('SELECT NoSuchField FROM Opportunity'), { errorCode: 'INVALID_FIELD' })
  const { DailyApiRequests } = await org.limits()
  assert.ok(DailyApiRequests.Remaining < DailyApiRequests.Max)
  assert.ok(org.limitInfo.apiUsage.used > 0)

  const stranger = new jsforce.Connection({ version, instanceUrl: endpoint, accessToken: 'stolen' })
  await assert.rejects(stranger.query('SELECT Id FROM Opportunity'), { errorCode: 'INVALID_SESSION_ID' })
}

const served = spawn(merit, ['sandbox', '--port', String(port), '--size', '300'], { stdio: ['ignore', 'pipe', 'inherit'] })
try {
  await until(served)
  await read(`http://127.0.0.1:${port}`)
  console.log('jsforce and the sandbox agree')
} finally {
  served.kill()
}
