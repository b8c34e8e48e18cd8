using DataPrep;
using Workflow.Artifacts;

namespace Workflow.Dashboard.LineagePages;

/// <summary>Columns and some rows of a file of an artifact.</summary>
/// <param name="Member">The file; null where the artifact has none to show.</param>
/// <param name="Columns">Its columns; null where it is no table.</param>
/// <param name="Rows">The rows; null where none can be shown.</param>
/// <param name="From">Rows passed over.</param>
/// <param name="Note">Why nothing is shown, or null.</param>
public sealed record MemberSample(ManifestMember? Member, IReadOnlyList<SampleColumn>? Columns, SampleRows? Rows, int From, string? Note)
{
    /// <summary>Rows at a time.</summary>
    public const int Size = 20;

    /// <summary>The last position rows are shown from.</summary>
    public const int Furthest = 480;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Nothing to show.</summary>
    public static MemberSample None { get; } = new(null, null, null, 0, null);

    /// <summary>Whether there are rows behind these.</summary>
    public bool More => Rows?.Rows.Count == Size && From < Furthest && (Member?.Rows is not { } all || From + Size < all);

    internal static async Task<MemberSample> ReadAsync(DashboardContext context, string kind, ManifestMember member, int from, CancellationToken cancellationToken)
    {
        var path = context.Paths.Blob(member.Hash);
        if (!File.Exists(path))
        {
            return new MemberSample(member, null, null, from, $"The file is no longer in the store: garbage collection removed it, or it was found damaged. Run the stage again and it is made anew.");
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            if (context.Samples is { } samples && await samples.ReadFromAsync(kind, member, path, from, Size, patience.Token) is { } rows)
            {
                return new MemberSample(member, await samples.ColumnsAsync(member, path, patience.Token), rows, from, null);
            }

            return TextSample.Fits(member) ? new MemberSample(member, null, await TextSample.ReadAsync(path, from, Size, patience.Token), from, null)
                : new MemberSample(member, null, null, from, $"{member.Name} is neither a table nor text.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new MemberSample(member, null, null, from, $"Reading {member.Name} took longer than {Patience.TotalSeconds:0} s; try again when less is running, or ask on the command line: workflow query.");
        }
        catch (Exception fault) when (fault is DataPrepException or IOException)
        {
            return new MemberSample(member, null, null, from, fault.Message);
        }
    }
}
