import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Block } from './block.entity.js';
import { BlockingService } from './blocking.service.js';
import { DirectoryService } from './directory.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Block])],
  providers: [BlockingService, DirectoryService],
  exports: [BlockingService, DirectoryService],
})
export class BlockingModule {}
