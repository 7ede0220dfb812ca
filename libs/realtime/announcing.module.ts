import { Module } from '@nestjs/common';
import { Announcer } from './announcer.js';

/** What tells other processes: for workers only. */
@Module({ providers: [Announcer] })
export class AnnouncingModule {}
