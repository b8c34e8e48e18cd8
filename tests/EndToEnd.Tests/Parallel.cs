using Xunit;

// A test here waits for processes, which wait for disks: three classes keep two cores at work.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
