// Merit reads the sandbox through Prism, which holds every request and every reply against
// HubSpot's own description. What breaks it must stand in known.json with its reason. Then
// Merit reads Prism alone, which makes replies up from the description: whatever comes of
// that must be a clean end.
//
//   node read.mjs MERIT DESCRIPTIONS      DESCRIPTIONS: a clone of HubSpot's collection
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe } from './describe.mjs'

const [merit, descriptions] = process.argv.slice(2)
const here = path.dirname(new URL(import.meta.url).pathname)
const work = mkdtempSync(path.join(tmpdir(), 'described-'))
const [sandboxPort, prismPort, port] = [18651, 18652, 18653]
const spec = path.join(work, 'hubspot.json')
writeFileSync(spec, JSON.stringify(describe(descriptions)))
const started = []

// start runs a program until it has said that it serves.
function start(command, args, ready) {
  const program = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(program)
  return new Promise((serves, fails) => {
    let said = ''
    program.stdout.on('data', (part) => { if ((said += part).includes(ready)) { said = ready; serves(program) } })
    program.on('exit', () => fails(new Error(`${command} did not start: ${said}`)))
  })
}

const prism = (...args) => start('node', ['--max-http-header-size=4194304', path.join(here, 'node_modules/@stoplight/prism-cli/dist/index.js'),
  ...args, '--port', String(prismPort)], 'listening')

// patterns are the described paths, for a call's own one.
const patterns = Object.keys(JSON.parse(readFileSync(spec)).paths).map((name) => [name, new RegExp(`^${name.replace(/\{[^}]+\}/g, '[^/]+')}$`)])
const named = (method, address) => `${method} ${patterns.find(([, form]) => form.test(address.split('?')[0]))?.[0] ?? address.split('?')[0]}`

// A violation in a list that Prism may cut off.
const violation = /\{"location":\[[^\]]*\],"severity":"[^"]*","code":"[^"]*","message":"(?:[^"\\]|\\.)*"\}/g

// recorder passes calls on to Prism and gathers what it says of them. Those that match
// real go to the sandbox.
function recorder(violations, calls, real = /^$/) {
  return http.createServer({ maxHeaderSize: 4194304 }, (asked, answer) => {
    const { method, headers, url } = asked
    const call = named(method, url)
    calls.set(call, (calls.get(call) ?? 0) + 1)
    const on = http.request({ port: real.test(url) ? sandboxPort : prismPort, method, headers, path: url, maxHeaderSize: 4194304 }, (reply) => {
      for (const [text] of (reply.headers['sl-violations'] ?? '').matchAll(violation)) {
        const v = JSON.parse(text)
        const at = v.location.map((step) => (/^\d+$/.test(step) ? '#' : step)).join('.')
        const key = `${call} ${reply.statusCode} ${at} ${v.code}: ${v.message.replace(/\d+/g, '#')}`
        violations.set(key, (violations.get(key) ?? 0) + 1)
      }
      delete reply.headers['sl-violations']
      answer.writeHead(reply.statusCode, reply.headers)
      reply.pipe(answer)
    })
    on.on('error', (err) => answer.destroy(err))
    asked.pipe(on)
  })
}

function run(project, ...args) {
  return new Promise((ended) => execFile(merit, [...args, '--project', project], { timeout: 120_000, maxBuffer: 1 << 26 },
    (err, out, said) => ended({ code: err ? err.code ?? err.signal : 0, said: out + said })))
}

async function proxied(project) {
  await start(merit, ['sandbox', '--port', String(sandboxPort), '--init', project, '--as', 'hubspot', '--size', '60'], 'Ctrl-C')
  const settings = path.join(project, 'merit.yml')
  writeFileSync(settings, readFileSync(settings, 'utf8').replaceAll(String(sandboxPort), String(port)))
  const program = await prism('proxy', spec, `http://127.0.0.1:${sandboxPort}`)
  const violations = new Map(), calls = new Map()
  const server = recorder(violations, calls).listen(port, '127.0.0.1')
  for (const days of [0, 7]) {
    if (days) await fetch(`http://127.0.0.1:${sandboxPort}/sandbox/advance?days=${days}`, { method: 'POST' })
    const { code, said } = await run(project, 'read')
    if (code !== 0) throw new Error(`merit read: ${code}\n${said}`)
  }
  server.close()
  program.kill()
  return { violations, calls }
}

// made reads a server that makes up every reply but those on properties and on calls of the
// day, without which nothing is asked for.
async function made(project) {
  const program = await prism('mock', '-d', spec)
  const calls = new Map()
  const server = recorder(new Map(), calls, /^\/crm\/properties\/|\/api-usage\//).listen(port, '127.0.0.1')
  const ends = []
  for (const [command, ...more] of [['check'], ['read', '--full'], ['run']]) ends.push({ command, ...await run(project, command, ...more) })
  server.close()
  program.kill()
  return { ends, calls }
}

let bad = 0
try {
  const project = path.join(work, 'hs')
  const { violations, calls } = await proxied(project)
  const known = JSON.parse(readFileSync(path.join(here, 'known.json')))
  console.log(`${[...calls.values()].reduce((a, b) => a + b, 0)} calls of ${calls.size} kinds`)
  for (const [key, times] of [...violations].sort()) {
    const isReply = / response\b/.test(key.split(': ')[0])
    const reason = known[key]
    if (!reason) bad++
    console.log(`${isReply ? 'reply  ' : 'REQUEST'} ${times}x ${key}${reason ? ` (known: ${reason})` : ' NOT KNOWN'}`)
  }
  for (const key of Object.keys(known)) if (!violations.has(key)) { bad++; console.log(`known.json has what does not happen: ${key}`) }
  const mock = await made(project)
  console.log(`of ${[...mock.calls.values()].reduce((a, b) => a + b, 0)} calls of ${mock.calls.size} kinds the replies are made up`)
  for (const { command, code, said } of mock.ends) {
    const isClean = [0, 2, 3].includes(code) && !/panic|goroutine|interface \{|json: |unmarshal|map\[/.test(said)
    if (!isClean) bad++
    console.log(`merit ${command} of made-up replies: exit ${code}${isClean ? '' : ', NOT CLEAN'}`)
    console.log(said.trim().split('\n').filter((line) => /note:|merit:|could not/.test(line)).slice(0, 12).map((line) => `    ${line.slice(0, 300)}`).join('\n'))
  }
  console.log(bad ? `${bad} failures` : 'every request is as described, and every reply but the known ones')
} finally {
  for (const program of started) program.kill()
}
process.exit(bad ? 1 : 0)
