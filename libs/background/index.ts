export { BackgroundModule } from './background.module.js';
