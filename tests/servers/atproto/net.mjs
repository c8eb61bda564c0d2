// One AT Protocol network in one process: the directory of identities (PLC), a personal data server
// (PDS) and the full AppView with its indexer. Prints one line of JSON when it is ready.
//
// Environment: MODULES (folder that holds node_modules), DATABASE_URL, RATE_LIMITS ("1" or "").

import { once } from 'node:events';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const { MODULES, DATABASE_URL, RATE_LIMITS } = process.env;
const require = createRequire(path.join(MODULES, 'index.js'));
const { TestBsky, TestPds, TestPlc, mockNetworkUtilities } = require('@atproto/dev-env');

// Ports come from the system, and stay taken until their server asks for them.
async function freePort() {
  const server = net.createServer();
  server.listen(0);
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function untilReachable(url) {
  const { hostname, port } = new URL(url);
  for (;;) {
    const socket = net.connect(Number(port), hostname);
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await pause(50);
    } finally {
      socket.destroy();
    }
  }
}

await untilReachable(DATABASE_URL);
const plc = await TestPlc.create({});
const pdsPort = await freePort();
const bskyPort = await freePort();
const bsky = await TestBsky.create({
  port: bskyPort,
  publicUrl: `http://localhost:${bskyPort}`, // where posts say that their pictures are
  plcUrl: plc.url,
  pdsPort,
  repoProvider: `ws://localhost:${pdsPort}`,
  dbPostgresUrl: DATABASE_URL,
  dbPostgresSchema: 'appview',
});
const pds = await TestPds.create({
  port: pdsPort,
  hostname: 'localhost',
  didPlcUrl: plc.url,
  bskyAppViewUrl: bsky.url,
  bskyAppViewDid: bsky.ctx.cfg.serverDid,
  rateLimitsEnabled: RATE_LIMITS === '1',
});
mockNetworkUtilities(pds, bsky);

process.stdout.write(`${JSON.stringify({ service_url: pds.url, appview_url: bsky.url })}\n`);
