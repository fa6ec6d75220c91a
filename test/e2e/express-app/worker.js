// Asks the web processes by the name that they have in the app's network.
const { PORT, DYNO } = process.env;

setInterval(async () => {
  try {
    const { dyno } = await (await fetch(`http://web:${PORT}/`)).json();
    console.log(`${DYNO} reached ${dyno}`);
  } catch (error) {
    console.log(`${DYNO} did not reach web: ${error.cause?.code ?? error.message}`);
  }
}, 500);
