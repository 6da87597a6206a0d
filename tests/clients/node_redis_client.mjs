// What node_test.py runs of node-redis. Usage: node node_redis_client.mjs PORT
import assert from 'node:assert/strict';
import { createClient } from 'redis';

const client = createClient({ socket: { port: Number(process.argv[2]), host: '127.0.0.1' } });
await client.connect();
await client.flushAll();
assert.equal(await client.set('k', 'v', { EX: 100 }), 'OK');
assert.equal(await client.get('k'), 'v');
assert.equal(await client.hSet('h', { a: 1, b: 2 }), 2);
assert.deepEqual({ ...(await client.hGetAll('h')) }, { a: '1', b: '2' });
await client.zAdd('z', [{ score: 1, value: 'one' }, { score: 2.5, value: 'two' }]);
assert.deepEqual(await client.zRangeWithScores('z', 0, -1), [
  { value: 'one', score: 1 },
  { value: 'two', score: 2.5 },
]);
// Sent ahead of their replies.
const many = await Promise.all(Array.from({ length: 1000 }, () => client.incr('n')));
assert.deepEqual(many, Array.from({ length: 1000 }, (_, i) => i + 1));
assert.deepEqual(await client.multi().set('a', '1').get('a').exec(), ['OK', '1']);
await assert.rejects(client.lPush('k', 'x'), /WRONGTYPE/);
const keys = [];
for await (const key of client.scanIterator()) keys.push(key);
assert.deepEqual(keys.sort(), ['a', 'h', 'k', 'n', 'z']);

const other = client.duplicate();
await other.connect();
const heard = new Promise((resolve) => other.subscribe('news', resolve).then(() => client.publish('news', 'hello')));
assert.equal(await heard, 'hello');
await other.unsubscribe('news');
const popped = other.blPop('queue', 30);
await client.rPush('queue', 'job');
assert.deepEqual({ ...(await popped) }, { key: 'queue', element: 'job' });
await other.quit();
await client.quit();
console.log('node-redis: content');
