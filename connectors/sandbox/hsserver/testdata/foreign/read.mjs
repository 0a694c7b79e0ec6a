// HubSpot's own Node client reads a sandbox that this starts, with its own models and
// its own paging, and what it reads is held against the sandbox's own count.
//
// The client has no dated paths; all that is put between it and the sandbox is a
// change of address, from /crm/v3/objects/deals to /crm/objects/2026-09/deals.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import http from 'node:http'
import { Client } from '@hubspot/api-client'

const version = process.env.API_VERSION ?? '2026-09'
const [merit] = process.argv.slice(2)
const port = 18641

const dated = (path) => path
  .replace(/^\/crm\/v[34]\/(objects|owners|pipelines|properties|associations)\b/, `/crm/$1/${version}`)
  .replace(/^\/oauth\/v1\/token/, '/oauth/2026-03/token')

// between passes everything on but the path.
function between(host) {
  return http.createServer((asked, answer) => {
    const { method, headers } = asked
    const on = http.request({ ...host, method, headers, path: dated(asked.url) }, (reply) => {
      answer.writeHead(reply.statusCode, reply.headers)
      reply.pipe(answer)
    })
    asked.pipe(on)
  })
}

async function until(served) {
  let said = ''
  for await (const part of served.stdout) {
    said += part
    if (said.includes('Ctrl-C')) return
  }
  throw new Error(`the sandbox did not start: ${said}`)
}

async function all(page) {
  const records = []
  let after
  do {
    const reply = await page(after)
    records.push(...reply.results)
    after = reply.paging?.next?.after
  } while (after)
  return records
}

async function read(endpoint) {
  const truth = (await (await fetch(`${endpoint}/sandbox/truth`)).json()).hubspot
  const hubspot = new Client({
    accessToken: 'sandbox-token',
    basePath: endpoint,
  })
  const checked = (what, n, wanted) => { assert.equal(n, wanted, what); console.log(`${what}: ${n}`) }

  const properties = ['dealname', 'dealstage', 'amount', 'closedate', 'hs_lastmodifieddate']
  for (const object of ['deals', 'companies', 'contacts']) {
    const api = hubspot.crm[object]
    const live = await api.getAll(100, undefined, properties)
    const archived = await all((after) => api.basicApi.getPage(100, after, properties, undefined, undefined, true))
    checked(`${object} listed, archived ones too`, live.length + archived.length, truth[object])
    assert.ok(live.every((r) => r.id && r.createdAt instanceof Date && r.archived === false))
    assert.ok(archived.every((r) => r.archived && r.archivedAt instanceof Date))
  }
  for (const object of ['calls', 'emails', 'meetings', 'tasks', 'notes']) {
    const api = hubspot.crm.objects[object]
    const live = await all((after) => api.basicApi.getPage(100, after))
    const archived = await all((after) => api.basicApi.getPage(100, after, undefined, undefined, undefined, true))
    checked(`${object} listed`, live.length + archived.length, truth[object])
  }

  const deals = hubspot.crm.deals
  const listed = await deals.getAll(50, undefined, properties, ['dealstage', 'amount'])
  const ids = listed.map((r) => r.id)
  for (const deal of listed) {
    const newest = deal.propertiesWithHistory.dealstage[0]
    assert.ok(newest.timestamp instanceof Date)
    assert.equal(newest.value, deal.properties.dealstage)
  }
  console.log(`histories that end with their record: ${listed.length}`)

  const batches = []
  for (let i = 0; i < ids.length; i += 50) {
    const inputs = ids.slice(i, i + 50).map((id) => ({ id }))
    const reply = await deals.batchApi.read({ inputs, properties, propertiesWithHistory: ['dealstage'] }, false)
    batches.push(...reply.results)
  }
  checked('deals read in batches', batches.length, ids.length)

  const searched = []
  for (let last = '0'; ;) {
    const reply = await deals.searchApi.doSearch({
      filterGroups: [{ filters: [{ propertyName: 'hs_object_id', operator: 'GT', value: last }] }],
      sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }], properties, limit: 200, after: '0',
    })
    if (reply.results.length === 0) break
    searched.push(...reply.results)
    last = reply.results.at(-1).id
  }
  checked('deals searched by key', searched.length, ids.length)

  let ties = 0
  for (let i = 0; i < ids.length; i += 1000) {
    const reply = await hubspot.crm.associations.v4.batchApi.getPage('deals', 'companies', { inputs: ids.slice(i, i + 1000).map((id) => ({ id })) })
    for (const one of reply.results) {
      assert.ok(one.to.every((t) => t.toObjectId && t.associationTypes.every((a) => a.category && a.typeId)))
      ties += one.to.length
    }
  }
  assert.ok(ties > 0)
  console.log(`companies of deals: ${ties}`)

  const owners = []
  for (const archived of [false, true]) {
    owners.push(...await all((after) => hubspot.crm.owners.ownersApi.getPage(undefined, after, 100, archived)))
  }
  checked('owners, those who left too', owners.length, truth.owners)

  const pipelines = await hubspot.crm.pipelines.pipelinesApi.getAll('deals')
  const stages = new Set(pipelines.results.flatMap((p) => p.stages.map((s) => s.id)))
  assert.ok(listed.some((d) => stages.has(d.properties.dealstage)))
  console.log(`stages: ${stages.size}`)
  const catalogue = await hubspot.crm.properties.coreApi.getAll('deals')
  assert.ok(catalogue.results.some((p) => p.name === 'dealstage' && p.type === 'enumeration'))
  console.log(`properties of deals: ${catalogue.results.length}`)

  const token = await hubspot.oauth.tokensApi.create('refresh_token', undefined, undefined,
    'sandbox-oauth-client', 'sandbox-oauth-secret', 'sandbox-refresh-token')
  const other = new Client({ accessToken: token.accessToken, basePath: endpoint })
  const account = await other.apiRequest({ path: `/account-info/${version}/details` })
  assert.equal(account.status, 200)
  console.log(`signed in by OAuth to account ${(await account.json()).portalId}`)

  const strange = new Client({ accessToken: 'wrong', basePath: endpoint })
  const refused = await strange.apiRequest({ path: `/crm/objects/${version}/deals` })
  assert.equal(refused.status, 401)
  console.log('a wrong token is refused')
}

const served = spawn(merit, ['sandbox', '--port', String(port), '--size', '600'], { stdio: ['ignore', 'pipe', 'inherit'] })
const dates = between({ host: '127.0.0.1', port })
try {
  await until(served)
  await new Promise((ready) => dates.listen(0, '127.0.0.1', ready))
  await read(`http://127.0.0.1:${dates.address().port}`)
  console.log("HubSpot's own client reads the sandbox")
} finally {
  dates.close()
  dates.closeAllConnections()
  served.kill()
}
