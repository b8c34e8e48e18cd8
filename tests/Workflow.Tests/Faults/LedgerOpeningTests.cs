using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Faults;

/// <summary>A new home that several open at once: a serve that starts, and those who already ask something of it.</summary>
public sealed class LedgerOpeningTests
{
    [Fact]
    public async Task Ledger_IsMadeOnce_WhenSeveralOpenANewOneAtOnce()
    {
        const int rounds = 20;
        const int openers = 4;
        using var home = new TestHome();
        for (var round = 0; round < rounds; round++)
        {
            var file = Path.Combine(home.Root, $"{round}", "ledger.db");
            using var together = new Barrier(openers);
            var opened = await Task.WhenAll(Enumerable.Range(0, openers).Select(_ => Task.Factory.StartNew(() =>
            {
                together.SignalAndWait(TestContext.Current.CancellationToken);
                using var ledger = LedgerDb.Open(file, TimeProvider.System);
                return ledger.Read(db => db.Text("SELECT v FROM home WHERE k='home_id'"));
            }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            Assert.Single(opened.Distinct());
        }
    }
}
