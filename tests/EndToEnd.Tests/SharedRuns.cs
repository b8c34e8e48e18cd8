using EndToEnd.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedRuns))]

namespace EndToEnd.Tests;

/// <summary>Undisturbed runs that several tests look at: each is made once, when the first of them asks. Their homes stay as they are; a test that runs anything takes a copy.</summary>
public sealed class SharedRuns : IAsyncDisposable
{
    readonly Lazy<Task<TinyRun>> tiny = new(TinyRun.MakeAsync);
    readonly Lazy<Task<TwoNights>> nights = new(TwoNights.MakeAsync);

    /// <summary>One run of jobs/tiny.yaml.</summary>
    internal Task<TinyRun> Tiny => tiny.Value;

    /// <summary>Two nights of jobs/nightly.yaml, a file arriving between them.</summary>
    internal Task<TwoNights> Nights => nights.Value;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (tiny.IsValueCreated)
        {
            (await tiny.Value).Home.Dispose();
        }

        if (nights.IsValueCreated)
        {
            (await nights.Value).Dispose();
        }
    }
}
