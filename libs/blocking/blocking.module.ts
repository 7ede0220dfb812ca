import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Block } from './block.entity.js';
import { Blocking } from './blocking.service.js';
import { Directory } from './directory.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Block])],
  providers: [Blocking, Directory],
  exports: [Blocking, Directory],
})
export class BlockingModule {}
