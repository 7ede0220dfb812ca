import { Module } from '@nestjs/common';
import { StatsModule } from '#stats';
import { StatsController } from './stats.controller.js';

@Module({ imports: [StatsModule], controllers: [StatsController] })
export class StatsApiModule {}
