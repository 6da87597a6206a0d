// What node_test.py runs of ioredis. Usage: node ioredis_client.mjs PORT
import assert from 'node:assert/strict';
import Redis from 'ioredis';

const port = Number(process.argv[2]);
const client = new Redis(port, '127.0.0.1'); // asks INFO whether the server is loading
await client.flushall();
assert.equal(await client.set('k', 'v', 'EX', 100), 'OK');
assert.equal(await client.get('k'), 'v');
assert.equal(await client.hset('h', { a: 1, b: 2 }), 2);
assert.deepEqual(await client.hgetall('h'), { a: '1', b: '2' });
const pipeline = client.pipeline();
for (let i = 0; i < 1000; ++i) pipeline.incr('n');
const replies = await pipeline.exec();
assert.deepEqual(replies.map(([, reply]) => reply), Array.from({ length: 1000 }, (_, i) => i + 1));
assert.deepEqual(await client.multi().set('a', '1').get('a').exec(), [[null, 'OK'], [null, '1']]);
await assert.rejects(client.lpush('k', 'x'), /WRONGTYPE/);

const other = new Redis(port, '127.0.0.1');
const heard = new Promise((resolve) => other.on('message', (channel, message) => resolve([channel, message])));
await other.subscribe('news');
assert.equal(await client.publish('news', 'hello'), 1);
assert.deepEqual(await heard, ['news', 'hello']);
await other.unsubscribe('news');
const popped = other.blpop('queue', 30);
await client.rpush('queue', 'job');
assert.deepEqual(await popped, ['queue', 'job']);
await other.quit();
await client.quit();
console.log('ioredis: content');
