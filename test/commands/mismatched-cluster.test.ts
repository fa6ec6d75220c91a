import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Desk } from './cli.ts';

/** Valid JSON, and never what the contract says. */
const SHAPES = ['{}', '[]', 'null', '7', '"x"', '[null]', '[{"name": 7}]', '{"nodes": 7}', '{"formation": {}}'];
const COMMANDS = [
  ...['apps', 'apps:info', 'config', 'ps', 'releases', 'builds', 'builds:info', 'domains', 'buildpacks', 'tokens'],
  ...['nodes', 'nodes:info n1', 'cluster:info', 'logs', 'ps:scale web=1', 'config:set A=b', 'whoami', 'releases:info'],
];

describe('another program at the address of a cluster', () => {
  let desk: Desk;
  let server: Server;
  let answer = '';
  before(async () => {
    desk = await Desk.open();
    server = createServer((request, response) => {
      request.resume();
      response.end(`${answer}\n`);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });
  after(async () => {
    await desk.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  for (const command of COMMANDS)
    it(`is told from a fault of this one: ${command}`, async () => {
      const { port } = server.address() as AddressInfo;
      const env = { MOTHERSHIP_URL: `http://127.0.0.1:${port}`, MOTHERSHIP_TOKEN: 'ms_x', MOTHERSHIP_APP: 'shop' };
      for (const shape of SHAPES) {
        answer = shape;
        const { stderr } = await desk.run(command.split(' '), { env });
        expect(stderr, shape).not.to.contain('Internal error');
      }
    });
});
