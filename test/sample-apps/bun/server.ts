import isNumber from 'is-number';

Bun.serve({ port: Number(process.env.PORT), fetch: () => Response.json({ bun: Bun.version, seven: isNumber(7) }) });
