const express = require('express');

const app = express();
app.get('/', (request, response) => response.json({ node: process.version, env: process.env.NODE_ENV }));
app.listen(process.env.PORT);
