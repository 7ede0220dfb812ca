export { DeliveriesService } from './deliveries.service.js';
export { DeliveryModule } from './delivery.module.js';
export { DispatchModule } from './dispatch.module.js';
export { DELIVERY_STATUSES, type Delivery, type DeliveryStatus } from './entities.js';
export { SecretRotationModule } from './secret-rotation.module.js';
export { SecretRotationService } from './secret-rotation.service.js';
