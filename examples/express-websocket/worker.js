const { DYNO = 'local', EVERY_SECONDS = '10' } = process.env;

let done = 0;
const timer = setInterval(() => console.log(`${DYNO} has done ${(done += 1)} jobs`), Number(EVERY_SECONDS) * 1000);
console.log(`${DYNO} starts to work`);

process.on('SIGTERM', () => {
  clearInterval(timer);
  console.log(`${DYNO} stops after ${done} jobs`);
});
