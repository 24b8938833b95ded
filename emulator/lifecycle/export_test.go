package lifecycle

// Alarms returns how many alarms and retries are set.
func (l *Lifecycle) Alarms() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.alarms) + len(l.retries)
}
