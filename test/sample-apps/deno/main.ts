import isNumber from "is-number";

Deno.serve({ port: Number(Deno.env.get("PORT")) }, () => Response.json({ deno: Deno.version.deno, seven: isNumber(7) }));
