using Xunit;

// Most of what these tests do is wait: for processes, leases, disks and pages. Four classes keep two cores at work.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
