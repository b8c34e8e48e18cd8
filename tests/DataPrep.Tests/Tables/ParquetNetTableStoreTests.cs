#if STACK_NUGET
using DataPrep.Tables;

namespace DataPrep.Tests.Tables;

public sealed class ParquetNetTableStoreTests : TableStoreContract
{
    protected override ITableStore Store { get; } = new ParquetNetTableStore();
}
#endif
