// So many requests, each over a connection of its own, at no more than so many a second. Prints how many were answered,
// and which failed. With a first port, each comes from a port of its own.
'use strict';
const { connect } = require('node:net');
const [host, port, requests, perSecond, firstPort] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const clients = 4;
const failures = [];
let left = requests;
let [asked, answered] = [0, 0];

const ask = () =>
  new Promise((done) => {
    const began = Date.now();
    let [text, problem] = ['', ''];
    const localPort = firstPort && firstPort + asked++;
    const socket = connect({ host, port, localPort }, () =>
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    );
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', (error) => {
      problem = error.code ?? error.message;
    });
    socket.on('close', () => {
      const isWhole = text.startsWith('HTTP/1.1 200 ') && text.endsWith('\r\n\r\nok');
      if (!problem && isWhole) answered++;
      else failures.push(`${host} ${began}-${Date.now()}: ${problem || text || 'nothing'}`);
      done();
    });
  });

async function client() {
  const pause = (1_000 * clients) / perSecond;
  for (let next = Date.now() + Math.random() * pause; left-- > 0; next = Math.max(next + pause, Date.now())) {
    await new Promise((go) => setTimeout(go, next - Date.now()));
    await ask();
  }
}

Promise.all(Array.from({ length: clients }, client)).then(() => console.log(JSON.stringify({ answered, failures })));
