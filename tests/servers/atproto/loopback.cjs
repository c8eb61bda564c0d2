// Loaded before anything else: the network's parts listen on every interface by themselves, and a
// test server must be reachable from this machine only.
'use strict';

const { Server } = require('node:net');

const HOST = '127.0.0.1';
const listen = Server.prototype.listen;

Server.prototype.listen = function listenOnLoopback(first, ...rest) {
  if (first !== null && typeof first === 'object' && 'port' in first) {
    return listen.call(this, { ...first, host: HOST }, ...rest);
  }
  if (first === undefined || /^\d+$/.test(String(first))) {
    const callback = rest.find((argument) => typeof argument === 'function');
    return listen.call(this, { port: Number(first ?? 0), host: HOST }, callback);
  }
  return listen.call(this, first, ...rest);
};
