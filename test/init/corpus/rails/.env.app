RAILS_ENV=production
DATABASE_URL=postgres://app:secret@db.internal.example.com/bookings
REDIS_URL=redis://redis:6379/0
