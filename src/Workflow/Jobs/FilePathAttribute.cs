namespace Workflow.Jobs;

/// <summary>
/// Marks an option (a string or a list of strings) that names a file, a folder or a glob. In a job file it is relative to the repository root and must stay inside the job's allowed roots;
/// given with <c>--set</c> it is relative to the current folder and allowed by that act. It stays out of the memo key: the stage states the files it reads, whose hashes enter the key instead.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class FilePathAttribute : Attribute;
