using Workflow.Ledger;

namespace Workflow.Outside;

/// <summary>What a kind of sink says of an event. The same event always gives the same keys.</summary>
interface IMessageSource
{
    /// <summary>The messages of an event in the order to send them; none where the sink does not tell it.</summary>
    /// <param name="db">A snapshot of the ledger.</param>
    /// <param name="e">The event.</param>
    IEnumerable<OutsideMessage> Messages(LedgerConnection db, EventRow e);
}
