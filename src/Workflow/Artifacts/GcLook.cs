namespace Workflow.Artifacts;

/// <summary>A file that nothing kept reaches.</summary>
/// <param name="Hash">SHA-256.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Doomed">When it was marked; null where it is not marked yet.</param>
/// <param name="Goes">Whether collecting now would remove it, its grace being over.</param>
public sealed record GcItem(string Hash, long Size, DateTimeOffset? Doomed, bool Goes);

/// <summary>What collecting would do, and the largest of the files it is about.</summary>
/// <param name="Report">The counts of <c>gc --dry-run</c>.</param>
/// <param name="Largest">Largest first.</param>
public sealed record GcLook(GcReport Report, IReadOnlyList<GcItem> Largest);
