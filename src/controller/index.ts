export { buildController, type ControllerOptions } from './app.ts';
